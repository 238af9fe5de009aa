package documenttest

import "comity/document"

var samples = map[string]texts{
	"en": {
		title: "Brief to the parent network", subtitle: "1 July – 30 September 2026", issuer: "Meridian Information Security Special Interest Group",
		words:   document.Words{Page: "Page {page} of {pages}", Figure: "Figure", Table: "Table", Notes: "Notes"},
		summary: "Summary", decisions: "Decisions", plan: "Work-plan since the last report", figures: "Exposure of the system",
		paragraphs: []string{
			"The group met once in the period, with 14 of 16 members present (88%), and adopted revision 2 of the minimum baseline by no objection on 21 September 2026.",
			"Nine of sixteen members have applied the call for action on edge devices within 72 hours. The price was USD 1,250,000.50; X-OCO (co-chair) reports on it.",
		},
		decision: "that every member protects administrators with phishing-resistant sign-in by 31 March 2027.", verb: "Agreed",
		columns: [4]string{"Action item", "Owner", "Due", "Progress"},
		rows: [][4]string{
			{"Phishing-resistant sign-in for administrators", "X-OCO", "31 March 2027", "60%"},
			{"Joint assessment of the shared supplier", "X-SSC", "15 December 2026", "25%"},
			{"=HYPERLINK(\"https://x.example\") is only text", "X-PPU", "–", "0%"},
		},
		caption: "Probability of at least one significant incident a year", withheld: "withheld",
		alt:  "The probability fell from 42% in 2025-Q4 to 35% in 2026-Q3; the figure of 2026-Q1 is withheld.",
		note: "Figures are released ones only: what too few members answered is withheld.",
	},
	"ar": {
		title: "موجز إلى الشبكة الأم", subtitle: "من 1 تموز/يوليه إلى 30 أيلول/سبتمبر 2026", issuer: "فريق ميريديان المعني بأمن المعلومات",
		words:   document.Words{Page: "الصفحة {page} من {pages}", Figure: "الشكل", Table: "الجدول", Notes: "الحواشي"},
		summary: "الملخص", decisions: "المقررات", plan: "خطة العمل منذ التقرير الأخير", figures: "تعرّض المنظومة للمخاطر",
		paragraphs: []string{
			"اجتمع الفريق مرة واحدة خلال الفترة، بحضور 14 عضوا من أصل 16 (88%)، واعتمد التنقيح 2 للحد الأدنى من الضوابط بعدم الاعتراض في 21 أيلول/سبتمبر 2026.",
			"X-OCO أفادت بأن تسعة من ستة عشر عضوا طبّقوا النداء خلال 72 ساعة؛ وبلغت التكلفة 1,250,000.50 USD (انظر MISSIG/2026/3، الفقرة 4-2).",
		},
		decision: "أن يحمي كل عضو مديري النظم بتسجيل دخول مقاوم للتصيد بحلول 31 آذار/مارس 2027.", verb: "وافق على",
		columns: [4]string{"بند العمل", "الجهة المسؤولة", "الموعد", "التقدم"},
		rows: [][4]string{
			{"تسجيل دخول مقاوم للتصيد للمديرين", "X-OCO", "31 آذار/مارس 2027", "60%"},
			{"تقييم مشترك للمورّد المشترك (TLS 1.3)", "X-SSC", "15 كانون الأول/ديسمبر 2026", "25%"},
			{"لا إخطار إلا بعد الاتفاق: الأمن، الإدارة، الآلات", "X-PPU", "–", "0%"},
		},
		caption: "احتمال وقوع حادث كبير واحد على الأقل في السنة", withheld: "محجوب",
		alt:  "انخفض الاحتمال من 42% إلى 35%؛ ورقم الربع الأول من عام 2026 محجوب.",
		note: "الأرقام هي المنشورة فقط: ما أجاب عنه عدد قليل جدا من الأعضاء محجوب.",
	},
	"zh": {
		title: "提交上级网络的简报", subtitle: "2026年7月1日至9月30日", issuer: "子午线信息安全特别兴趣小组",
		words:   document.Words{Page: "第 {page} 页，共 {pages} 页", Figure: "图", Table: "表", Notes: "注"},
		summary: "摘要", decisions: "决定", plan: "上次报告以来的工作计划", figures: "全系统的风险敞口",
		paragraphs: []string{
			"小组在本期间举行了一次会议，16个成员中有14个出席（88%），并于2026年9月21日以无异议方式通过了最低基线第2次修订。",
			"十六个成员中有九个在72小时内落实了关于边缘设备的行动呼吁。费用为1,250,000.50美元；X-OCO（共同主席）对此作出报告。",
		},
		decision: "每个成员应在2027年3月31日前以防钓鱼登录保护管理员。", verb: "商定",
		columns: [4]string{"行动项目", "负责机构", "期限", "进展"},
		rows: [][4]string{
			{"管理员防钓鱼登录", "X-OCO", "2027年3月31日", "60%"},
			{"共享供应商联合评估", "X-SSC", "2026年12月15日", "25%"},
			{"信息资产的机密性、完整性、可用性和可靠性", "X-PPU", "–", "0%"},
		},
		caption: "一年内至少发生一次重大事件的概率", withheld: "未公布",
		alt:  "概率从42%降至35%；2026年第一季度的数字未公布。",
		note: "仅列已发布的数字：回答成员过少的不予公布。",
	},
	"ru": {
		title: "Краткий доклад головной сети", subtitle: "1 июля – 30 сентября 2026 года", issuer: "Группа «Меридиан» по информационной безопасности",
		words:   document.Words{Page: "Стр. {page} из {pages}", Figure: "Диаграмма", Table: "Таблица", Notes: "Примечания"},
		summary: "Резюме", decisions: "Решения", plan: "План работы после предыдущего доклада", figures: "Подверженность системы рискам",
		paragraphs: []string{
			"За отчётный период группа провела одно заседание с участием 14 из 16 членов (88 %) и 21 сентября 2026 года приняла вторую редакцию минимального базового уровня.",
			"Девять из шестнадцати членов выполнили призыв к действиям в течение 72 часов. Стоимость составила 1 250 000,50 долл. США; докладывает X-OCO.",
		},
		decision: "чтобы каждый член обеспечил администраторам вход, устойчивый к фишингу, к 31 марта 2027 года.", verb: "Постановила,",
		columns: [4]string{"Мероприятие", "Ответственный", "Срок", "Ход"},
		rows: [][4]string{
			{"Вход, устойчивый к фишингу, для администраторов", "X-OCO", "31 марта 2027 года", "60 %"},
			{"Совместная оценка общего поставщика", "X-SSC", "15 декабря 2026 года", "25 %"},
			{"Подъезд, объём, съёмка", "X-PPU", "–", "0 %"},
		},
		caption: "Вероятность хотя бы одного значительного инцидента в год", withheld: "скрыто",
		alt:  "Вероятность снизилась с 42 % до 35 %; показатель за первый квартал 2026 года скрыт.",
		note: "Приведены только опубликованные показатели.",
	},
}
